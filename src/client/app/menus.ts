const MARGIN_PX = 8;
const GAP_PX = 4;

/** Arrow keys, Home and End move the focus through the open menu. */
export function moveInMenu(event: KeyboardEvent): void {
  const around = event.target instanceof Element ? event.target.closest("[data-menu]") : null;
  const menu = around ?? document.querySelector("[data-menu]:popover-open");
  if (!menu) return;
  const items = [...menu.querySelectorAll<HTMLElement>(".menu-item")];
  const next = nextPlace(
    event.key,
    items.findIndex((item) => item === document.activeElement),
    items.length,
  );
  if (next === null) return;
  event.preventDefault();
  items[next]?.focus();
}

/** Where a key leads from the place `here` (-1: none) among `count` entries; null for other keys. */
function nextPlace(key: string, here: number, count: number): number | null {
  switch (key) {
    case "ArrowDown":
      return (here + 1) % count;
    case "ArrowUp":
      return here <= 0 ? count - 1 : here - 1;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

/** Puts a menu beside its button where CSS cannot tie the two together. */
export function placeMenu(menu: HTMLElement): void {
  if (CSS.supports("position-area", "bottom")) return;
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (!button || !menu.matches("[data-menu]")) return;
  const place = button.getBoundingClientRect();
  const fitsBelow = place.bottom + menu.offsetHeight + MARGIN_PX < innerHeight;
  const top = fitsBelow ? place.bottom + GAP_PX : Math.max(MARGIN_PX, place.top - menu.offsetHeight - GAP_PX);
  const left = menu.dataset.align === "end" ? place.right - menu.offsetWidth : place.left;
  const leftMax = innerWidth - menu.offsetWidth - MARGIN_PX;
  Object.assign(menu.style, {
    position: "fixed",
    inset: "auto",
    top: `${top}px`,
    left: `${Math.min(Math.max(MARGIN_PX, left), leftMax)}px`,
  });
}
