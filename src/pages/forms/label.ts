/**
 * Feature names as people read them: `temp_max` and `tempMax` become "Temp max". Names that would come out alike stay as they are,
 * so that every label is of one feature. In the order of `names`.
 */
export function featureLabels(names: readonly string[]): string[] {
  const labels = names.map(readable);
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label.toLowerCase(), (counts.get(label.toLowerCase()) ?? 0) + 1);
  return labels.map((label, index) => (counts.get(label.toLowerCase()) === 1 ? label : (names[index] ?? label)));
}

function readable(name: string): string {
  const words = name
    .replaceAll(/[_\s]+/g, " ")
    .replaceAll(/(\p{Ll}{2,})(?=\p{Lu}\p{Ll})/gu, "$1 ")
    .trim();
  if (words === "") return name;
  const [first = ""] = words;
  const rest = words.slice(first.length).replaceAll(/ \p{Lu}(?=\p{Ll})/gu, (letter) => letter.toLowerCase());
  // A name written in capitals, such as RAD, is no sentence.
  return /^\p{Ll}/u.test(words) ? first.toUpperCase() + rest : words;
}
