const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A new random id such as `mdl_7k2m…`: the prefix says what it names, 100 random bits follow. */
export function newId(prefix: string): string {
  return `${prefix}_${randomText(20)}`;
}

/** `length` characters of 5 random bits each, without letters that are mistaken for another. */
export function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  let text = "";
  for (const byte of bytes) text += ALPHABET.charAt(byte & 31);
  return text;
}

/** Latin letters, digits and single hyphens of `name`, at most 60 characters; empty when nothing of it is Latin. */
export function slugify(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, "");
}
