// Fetches what is new of the households and children in the collaborator's area.
import { applyChanges, wipeLists } from '../store/known';
import { readSetting } from '../store/settings';
import { getChanges } from './api';

export async function updateKnown(): Promise<void> {
  const session = await readSetting('session');
  if (!session || session.expired) return;
  const mine = (await readSetting('known_for')) === session.person.id;
  if (!mine) await wipeLists();
  const changes = await getChanges(session.token, mine ? ((await readSetting('known_cursor')) ?? '') : '');
  // Someone may have signed out or in while the answer was on its way: it is then nobody's.
  if ((await readSetting('session'))?.token !== session.token) return;
  await applyChanges(changes, session.person.id);
}
