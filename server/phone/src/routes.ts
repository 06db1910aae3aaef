// The few addresses of the app, all behind the #: the server sees none of them, the sign-in key least of all.
import { shallowRef } from 'vue';

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'sign-in'; readonly key: string | null }
  | { readonly screen: 'settings' }
  | { readonly screen: 'visits' }
  | { readonly screen: 'interview'; readonly id: string; readonly page: string }
  | { readonly screen: 'finish'; readonly id: string }
  | { readonly screen: 'record'; readonly id: string };

export function parseRoute(hash: string): Route {
  const [place = '', first = '', second = '', third = ''] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  switch (place) {
    case 'vao':
      return { screen: 'sign-in', key: first || null };
    case 'ho':
      return { screen: 'visits' };
    case 'may':
      return { screen: 'settings' };
    case 'phieu':
      if (!first) return { screen: 'home' };
      if (second === 'ket-thuc') return { screen: 'finish', id: first };
      return { screen: 'interview', id: first, page: second === 'trang' ? third : '' };
    case 'ban-ghi':
      return first ? { screen: 'record', id: first } : { screen: 'home' };
    default:
      return { screen: 'home' };
  }
}

export function address(route: Route): string {
  switch (route.screen) {
    case 'home':
      return '#/';
    case 'sign-in':
      return '#/vao';
    case 'visits':
      return '#/ho';
    case 'settings':
      return '#/may';
    case 'interview': {
      const base = `#/phieu/${encodeURIComponent(route.id)}`;
      return route.page ? `${base}/trang/${encodeURIComponent(route.page)}` : base;
    }
    case 'finish':
      return `#/phieu/${encodeURIComponent(route.id)}/ket-thuc`;
    case 'record':
      return `#/ban-ghi/${encodeURIComponent(route.id)}`;
  }
}

export const route = shallowRef<Route>(parseRoute(location.hash));

window.addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
});

export function go(to: Route, how: 'push' | 'replace' = 'push'): void {
  const hash = address(to);
  if (how === 'replace') history.replaceState(history.state, '', hash);
  else history.pushState(null, '', hash);
  route.value = to;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
