/** Where a value of the configuration file comes from, when it does not stand in the file itself. */
export interface Reference {
  readonly kind: 'env' | 'file' | 'secretsmanager' | 'ssm';
  readonly name: string;
}

/** What a text of the configuration file is: itself, a reference, or a mistake. */
export type Read =
  | { readonly text: string }
  | { readonly reference: Reference }
  | { readonly mistake: string };

const WHOLE = /^\$\{([^{}]*)\}$/;

/**
 * Reads `${NAME}`, `${file:/path}`, `${secretsmanager:name}` (or `name#key` of a JSON secret) and `${ssm:/path}`. A reference is
 * always the whole value, so that a secret never hides inside a longer text; `$${` stands for a plain `${`.
 */
export function readReference(given: string): Read {
  const inner = WHOLE.exec(given)?.[1];
  if (inner !== undefined) return named(inner);
  const plain = given.replaceAll('$${', '');
  if (plain.includes('${'))
    return {
      mistake: 'holds a reference inside a longer text: make it the whole value, or write $${ for a plain ${',
    };
  return { text: given.replaceAll('$${', '${') };
}

function named(inner: string): Read {
  const [, scheme, name = ''] = /^([a-z]+):(.*)$/s.exec(inner) ?? [];
  if (scheme === undefined) {
    if (/^[A-Za-z_]\w*$/.test(inner)) return { reference: { kind: 'env', name: inner } };
    return {
      mistake: 'is no reference: write ${NAME}, ${file:/path}, ${secretsmanager:name} or ${ssm:/path}',
    };
  }
  if (name === '') return { mistake: `names nothing after ${scheme}:` };
  if (scheme === 'file' || scheme === 'secretsmanager' || scheme === 'ssm' || scheme === 'env')
    return { reference: { kind: scheme, name } };
  return { mistake: `has an unknown kind of reference, ${scheme}: there are file, secretsmanager and ssm` };
}
