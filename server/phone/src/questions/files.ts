// The largest file the server takes by default; a larger one would wait on the phone for ever.
export const LARGEST_FILE = 100 * 1024 * 1024;

export function tooLarge(file: { readonly size: number }): boolean {
  return file.size > LARGEST_FILE;
}
