/** An object for keys that are any text, "__proto__" too: one without a prototype. */
export function keyedByText<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
