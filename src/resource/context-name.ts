/** Whether a name of the context can be a file name too: `in` writes each value to `context/<name>`. */
export function isContextName(name: string): boolean {
  return /^[\w-][\w.-]{0,99}$/.test(name);
}
