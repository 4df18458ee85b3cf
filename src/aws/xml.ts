const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * The text of the first `<tag>` in an AWS XML answer, entities decoded. S3 and STS answers are flat where we read them
 * (`Code`, `Message`, `Region`, `AccessKeyId`), which needs no XML parser in the hot path.
 */
export function xmlText(xml: string, tag: string): string | undefined {
  const found = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml);
  return found?.[1]?.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
