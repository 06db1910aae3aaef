/// <reference lib="webworker" />
// Keeps the app's shell on the phone so that it opens without a network. It never touches answers,
// never answers for the server, and takes over only when the person says so.
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);

// On the very first visit the phone may go offline before anything was reloaded; the open page must have the shell too.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  if (event.data === 'use-new-version') void self.skipWaiting();
});
