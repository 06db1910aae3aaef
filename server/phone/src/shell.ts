// Registers the service worker and tells the app when a newer version waits. Nothing reloads by itself.
import { app } from './app';

let waiting: ServiceWorker | null = null;

export async function registerShell(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  try {
    const registration = await navigator.serviceWorker.register('/phone/sw.js', { scope: '/phone/' });
    if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
    registration.addEventListener('updatefound', () => follow(registration.installing));
  } catch {
    // Without HTTPS or in a private window there is no service worker; the home page says what that means.
  }
}

export function useNewVersion(): void {
  if (!waiting) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage('use-new-version');
}

function follow(worker: ServiceWorker | null): void {
  worker?.addEventListener('statechange', () => {
    if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker);
  });
}

function offer(worker: ServiceWorker): void {
  waiting = worker;
  app.updateWaiting = true;
}
