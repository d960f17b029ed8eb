/** With storages such as the types of Cloudflare Workers have them, in the forms that matter here. */

import { DeviceCodeCredential, type TokenStorage } from "entra-device-code";
import { durableObjectStorage, workersKvStorage } from "entra-device-code/cloudflare";

interface ObjectStorage {
  get<T = unknown>(key: string, options?: { allowConcurrency?: boolean }): Promise<T | undefined>;
  get<T = unknown>(keys: string[], options?: object): Promise<Map<string, T>>;
  put<T>(key: string, value: T, options?: object): Promise<void>;
  put<T>(entries: Record<string, T>, options?: object): Promise<void>;
  delete(key: string, options?: object): Promise<boolean>;
  delete(keys: string[], options?: object): Promise<number>;
}

interface Namespace<Key extends string = string> {
  get(key: Key, options?: { cacheTtl?: number }): Promise<string | null>;
  get(key: Key, type: "text"): Promise<string | null>;
  get<Value = unknown>(key: Key, type: "json"): Promise<Value | null>;
  put(key: Key, value: string | ArrayBuffer, options?: object): Promise<void>;
  delete(key: Key): Promise<void>;
}

export function create(ctx: { storage: ObjectStorage }, env: { TOKENS: Namespace }): object[] {
  const storages: TokenStorage[] = [
    durableObjectStorage(ctx.storage),
    workersKvStorage(env.TOKENS),
  ];
  const encryptionKey = new Uint8Array(32);
  return storages.map(
    (storage) => new DeviceCodeCredential({ cachePersistenceOptions: { storage, encryptionKey } }),
  );
}

// @ts-expect-error half a storage
durableObjectStorage({ get: async () => undefined });
// @ts-expect-error half a namespace
workersKvStorage({ get: async () => null });
