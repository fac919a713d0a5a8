import type { Attributes } from "./button.tsx";

/**
 * Makes htmx ask `address` every 2 s for what stands in place of the element. `address` carries the state that is shown: while it
 * holds, the answer is 204 and nothing is touched. A refusal leaves the page as it is.
 */
export function pollAttributes(address: string): Attributes {
  return {
    "hx-get": address,
    "hx-trigger": "every 2s",
    "hx-swap": "outerHTML",
    "hx-status:4xx": "swap:none",
    "hx-status:5xx": "swap:none",
  };
}
