// V8 copies slices shorter than this by itself.
const SLICE_CHARACTERS_MIN = 13;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `text` with memory of its own: a slice that is kept would hold all the text that it was cut from. */
export function keepText(text: string): string {
  return text.length < SLICE_CHARACTERS_MIN ? text : DECODER.decode(ENCODER.encode(text));
}
