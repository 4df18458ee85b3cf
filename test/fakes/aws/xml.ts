/** Escapes text for an XML element. */
function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** `<Name>text</Name>` for each entry that has a value, in order. */
export function xmlElements(entries: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(entries)
    .map(([name, value]) => (value === undefined ? '' : `<${name}>${xmlText(value)}</${name}>`))
    .join('');
}
