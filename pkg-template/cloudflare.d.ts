/**
 * Keeps token caches in Cloudflare's storages.
 *
 * @example
 * ```js
 * import { DeviceCodeCredential } from "entra-device-code";
 * import { durableObjectStorage } from "entra-device-code/cloudflare";
 *
 * export class Session extends DurableObject {
 *   constructor(ctx, env) {
 *     super(ctx, env);
 *     this.credential = new DeviceCodeCredential({
 *       cachePersistenceOptions: {
 *         storage: durableObjectStorage(ctx.storage),
 *         encryptionKey: Uint8Array.from(atob(env.CACHE_KEY), (byte) => byte.charCodeAt(0)),
 *       },
 *     });
 *   }
 * }
 * ```
 * @module
 */
import type { TokenStorage } from "./index.js";

/** What is used of a Durable Object's storage: `ctx.storage`, or `ctx.storage.kv`. */
export interface DurableObjectStorageLike {
  /** What is kept under a key. */
  get(key: string): unknown;
  /** Keeps a value. */
  put(key: string, value: string): unknown;
  /** Keeps nothing. */
  delete(key: string): unknown;
}

/** What is used of a Workers KV namespace. */
export interface KvNamespaceLike {
  /** What is kept under a key. */
  get(key: string): Promise<unknown>;
  /** Keeps a value. */
  put(key: string, value: string): Promise<unknown>;
  /** Keeps nothing. */
  delete(key: string): Promise<unknown>;
}

/**
 * The storage of a Durable Object. What was written is what is read, wherever the Worker runs.
 *
 * @param storage `ctx.storage`
 */
export declare function durableObjectStorage(storage: DurableObjectStorageLike): TokenStorage;

/**
 * A Workers KV namespace. It is eventually consistent: another location may read what was there up to 60 seconds ago, or
 * longer. Then a token may be renewed twice, and an account that was removed may be served there until its token expires; if
 * that won't do, use a Durable Object. What this isolate put or deleted within the last minute, it reads as it left it. KV
 * takes one write per second under one key, so keep each account in an item of its own, as is the default.
 *
 * @param namespace the binding, such as `env.TOKENS`
 */
export declare function workersKvStorage(namespace: KvNamespaceLike): TokenStorage;
