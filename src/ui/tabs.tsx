import type { Child } from "hono/jsx";

export type Tab = { label: string; href: string; current?: boolean | undefined; badge?: Child };

/** The sections of one thing, each a page of its own: links, the present one marked. Scrolls sideways where it is narrow. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      <ul class="tabs-list">
        {tabs.map((tab) => (
          <li>
            <a class="tab" href={tab.href} aria-current={tab.current ? "page" : undefined}>
              {tab.label}
              {tab.badge}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A choice among a few views of the same page, such as the time range of a chart: links in one frame. */
export function Segmented({ label, options }: { label: string; options: Omit<Tab, "badge">[] }) {
  return (
    <nav class="segmented" aria-label={label}>
      {options.map((option) => (
        <a class="segment" href={option.href} aria-current={option.current ? "true" : undefined}>
          {option.label}
        </a>
      ))}
    </nav>
  );
}
