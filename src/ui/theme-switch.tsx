import { Icon } from "./icon.tsx";

const themes = [
  { value: "system", label: "As the system", icon: "system" },
  { value: "light", label: "Light", icon: "sun" },
  { value: "dark", label: "Dark", icon: "moon" },
] as const;

/** Light, dark, or as the system says. Needs JavaScript and is hidden without it; kept in the browser only. */
export function ThemeSwitch() {
  return (
    <div class="theme-switch js-only" role="group" aria-label="Theme">
      {themes.map(({ value, label, icon }) => (
        <button
          class="theme-choice"
          type="button"
          data-theme-choice={value}
          aria-pressed="false"
          aria-label={label}
          title={label}
        >
          <Icon name={icon} size="small" />
        </button>
      ))}
    </div>
  );
}
