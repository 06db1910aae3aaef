// The phone's own database. Answers and files live apart; a received interview leaves only a receipt.
import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';

export type RecordState = 'draft' | 'finished' | 'sending' | 'refused';

/** A line of a list of the office: a household or child of the last round, as the form reads it. */
export interface KnownEntry {
  readonly id: string;
  readonly version: number;
  readonly label: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface KnownHousehold extends KnownEntry {
  /** The last visit: in which round, with which result, when. */
  readonly round: string | null;
  readonly result: string | null;
  readonly visited_on: string | null;
}

export interface KnownChild extends KnownEntry {
  readonly household_id: string;
}

/** A household with its children as the lists told of them when its interview began. */
export interface Known {
  readonly household: KnownHousehold;
  readonly children: readonly KnownChild[];
}

/** An interview that the server has not received yet. */
export interface StoredRecord {
  readonly id: string;
  readonly personId: string;
  readonly personName: string;
  readonly formKey: string;
  readonly formTitle: string;
  readonly state: RecordState;
  readonly xml: string;
  readonly label: string;
  /** The page to open again, and the rows whose pages were gone through. */
  readonly page: string;
  readonly doneRows: readonly string[];
  readonly createdAt: string;
  readonly savedAt: string;
  readonly finishedAt: string | null;
  readonly tries: number;
  readonly problem: string | null;
  /** What was known of the household that this interview is about; a newer list must not change a draft's base. */
  readonly known?: Known | null;
}

export interface StoredFile {
  readonly recordId: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: ArrayBuffer;
}

export interface Receipt {
  readonly id: string;
  readonly personId: string;
  readonly formTitle: string;
  readonly label: string;
  readonly finishedAt: string | null;
  readonly receivedAt: string;
  readonly message: string;
}

export interface StoredForm {
  readonly key: string;
  readonly formId: string;
  readonly version: string;
  readonly hash: string;
  readonly title: string;
  readonly xml: string;
  readonly media: readonly { readonly filename: string; readonly hash: string }[];
  /** Whether new interviews may start with it; older versions stay only for the drafts that need them. */
  readonly current: boolean;
}

export interface StoredMedia {
  readonly hash: string;
  readonly type: string;
  readonly bytes: ArrayBuffer;
}

interface PhoneSchema extends DBSchema {
  settings: { key: string; value: unknown };
  forms: { key: string; value: StoredForm };
  media: { key: string; value: StoredMedia };
  records: { key: string; value: StoredRecord };
  files: { key: [string, string]; value: StoredFile; indexes: { record: string } };
  receipts: { key: string; value: Receipt };
  households: { key: string; value: KnownHousehold };
  children: { key: string; value: KnownChild; indexes: { household: string } };
}

export type PhoneDatabase = IDBPDatabase<PhoneSchema>;

const NAME = 'mangnon';
const VERSION = 2;
let opened: Promise<PhoneDatabase> | null = null;

export function database(): Promise<PhoneDatabase> {
  opened ??= openDB<PhoneSchema>(NAME, VERSION, {
    upgrade(db, before) {
      if (before < 2) {
        db.createObjectStore('households', { keyPath: 'id' });
        db.createObjectStore('children', { keyPath: 'id' }).createIndex('household', 'household_id');
      }
      if (before >= 1) return;
      db.createObjectStore('settings');
      db.createObjectStore('forms', { keyPath: 'key' });
      db.createObjectStore('media', { keyPath: 'hash' });
      db.createObjectStore('records', { keyPath: 'id' });
      db.createObjectStore('files', { keyPath: ['recordId', 'name'] }).createIndex('record', 'recordId');
      db.createObjectStore('receipts', { keyPath: 'id' });
    },
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      opened = null;
    },
    terminated() {
      opened = null;
    },
  });
  return opened;
}
