// Whether the browser has promised not to clear our data when space runs out, and how much space there is.

export type Persistence = 'kept' | 'not-kept' | 'unknown';

export async function isPersisted(): Promise<Persistence> {
  if (!navigator.storage?.persisted) return 'unknown';
  return (await navigator.storage.persisted()) ? 'kept' : 'not-kept';
}

export async function askToPersist(): Promise<Persistence> {
  if (!navigator.storage?.persist) return 'unknown';
  return (await navigator.storage.persist()) ? 'kept' : 'not-kept';
}

export async function space(): Promise<{ used: number; total: number } | null> {
  const estimate = await navigator.storage?.estimate?.();
  if (!estimate?.quota) return null;
  return { used: estimate.usage ?? 0, total: estimate.quota };
}
