import type { FileView } from '../workspace/model.ts';

/** A file of a message: an image shows itself, anything else is a card to download. */
export function File({ file }: { readonly file: FileView }) {
  const { title, kind, url } = file;
  if (file.isImage) {
    return (
      <figure className="file image">
        <figcaption className="note">{title}</figcaption>
        <a href={url} target="_blank" rel="noopener">
          <img src={url} alt={title} />
        </a>
      </figure>
    );
  }
  return (
    <a className="file card" href={url} download>
      <span className="kind" aria-hidden="true">
        {kind.slice(0, 4)}
      </span>
      <span>
        <b>{title}</b>
        <span className="note">
          {kind}, {sizeOf(file.bytes)}
        </span>
      </span>
    </a>
  );
}

function sizeOf(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
