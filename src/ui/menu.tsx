import type { Child } from "hono/jsx";
import type { Attributes } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

export type MenuProps = {
  /** Unique on the page. */
  id: string;
  /** What the button does, for screen readers: "Actions for Churn". */
  label: string;
  align?: "start" | "end" | undefined;
  children?: Child;
};

/**
 * The "3 dots": opens by click, Enter or Space, closes by Escape or a click elsewhere, arrow keys go through it. Works without
 * JavaScript.
 */
export function RowMenu({ id, label, align = "end", children }: MenuProps) {
  return (
    <div class="menu-anchor">
      <button class="icon-button" type="button" popovertarget={id} aria-label={label}>
        <Icon name="dots" />
      </button>
      <MenuPanel id={id} label={label} align={align}>
        {children}
      </MenuPanel>
    </div>
  );
}

/** What a menu button opens: name it in the button's `popovertarget`. */
export function MenuPanel({ id, label, align = "start", children }: MenuProps) {
  return (
    <div class="menu" id={id} popover="auto" data-align={align} data-menu role="group" aria-label={label}>
      {children}
    </div>
  );
}

type MenuLook = { icon?: IconName | undefined; danger?: boolean | undefined; children?: Child };

/** An entry that goes somewhere. `dialog` is the id of a ConfirmDialog that opens instead where JavaScript runs. */
export function MenuLink({
  href,
  icon,
  danger,
  current,
  dialog,
  children,
}: MenuLook & { href: string; current?: boolean | undefined; dialog?: string | undefined }) {
  return (
    <a
      class="menu-item"
      href={href}
      data-danger={danger ? "" : undefined}
      aria-current={current ? "true" : undefined}
      data-dialog={dialog}
    >
      {icon && <Icon name={icon} />}
      <span class="menu-item-label">{children}</span>
      {current && <Icon name="check" size="small" />}
    </a>
  );
}

/** An entry that does something: a form of one button. */
export function MenuAction({
  action,
  icon,
  danger,
  attributes,
  children,
}: MenuLook & { action: string; attributes?: Attributes | undefined }) {
  return (
    <form method="post" action={action} {...attributes}>
      <button class="menu-item" type="submit" data-danger={danger ? "" : undefined}>
        {icon && <Icon name={icon} />}
        <span class="menu-item-label">{children}</span>
      </button>
    </form>
  );
}

export function MenuSeparator() {
  return <hr class="menu-separator" />;
}
