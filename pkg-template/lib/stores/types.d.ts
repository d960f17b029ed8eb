// What a store is, and what it is made with.
import type {
  CachePlugin,
  CredentialUnavailableError,
  TokenCacheContext,
  TokenStorage,
} from "../../index.js";

/** What the core wants to write. */
export interface Changes {
  /** Whose items are to be written. */
  accounts(): string[];
  /**
   * What an item is to hold: `undefined` if it does already, "" if nothing is left.
   *
   * @throws a string if the text is no cache
   */
  merge(text: string, account?: string): string | undefined;
  /** Who is being signed out, by home account id: nothing that was set aside is to stay. */
  signedOut?: string;
}

/** A persistent cache; with Continuous Access Evaluation, there is another. */
export interface Store {
  load(enableCae: boolean, account?: string): Promise<string | undefined>;
  save(enableCae: boolean, changes: Changes): Promise<void>;
}

/** A store in files. */
export interface FileStore extends Store {
  /** Rejects if a save would fail. */
  tryToSave(enableCae: boolean): Promise<void>;
}

/** One of the two caches of a store. */
export interface Cache {
  load(): Promise<string>;
  save(changes: Changes): Promise<void>;
}

/** Takes a level, 0 for a warning, and a line. */
export type Log = (level: number, line: string) => void;

/** What is lent to a store. */
export interface Lent {
  CredentialUnavailableError: typeof CredentialUnavailableError;
  log: Log;
}

export type EncryptionKey = Uint8Array | CryptoKey;
/** One, or several: the first seals, all of them open. */
export type EncryptionKeys = EncryptionKey | EncryptionKey[];

/** `cachePersistenceOptions`, once read. */
export type Persistence = PluginPersistence | StoragePersistence | FilePersistence;

export interface PluginPersistence {
  place: "plugin";
  cachePlugin: CachePlugin;
  cachePluginCae?: CachePlugin;
}

export interface StoragePersistence {
  place: "storage";
  layout: "partitioned" | "whole";
  name: string;
  storage: TokenStorage;
  allowUnencryptedStorage: boolean;
  encryptionKey?: EncryptionKeys;
}

export interface FilePersistence {
  place: "files";
  /** The option that wants files. */
  where?: string;
  name: string;
  allowUnencryptedStorage: boolean;
  encryptionKey?: EncryptionKeys;
}

/** How a file is opened and closed. */
export interface Protection {
  /** Finds out whether there is a key, where one will be needed. */
  prepare(stored: string): Promise<void>;
  /** The text of the cache. */
  open(stored: string): Promise<string>;
  /** What to replace `stored` with. Only for who holds the file's lock: it may make a key. */
  close(text: string, stored: string): Promise<string>;
}

/** What plugins get, by the names of MSAL's versions. */
export type PluginContext = TokenCacheContext & {
  cache: TokenCacheContext["tokenCache"];
  hasChanged: boolean;
  cacheHasChanged: boolean;
};
