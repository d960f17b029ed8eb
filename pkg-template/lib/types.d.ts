// What the modules of this folder and the WebAssembly are to each other.
import type { Lent, Persistence, Store } from "./stores/types.js";

/** What Rust makes of a credential. Each method takes all of its arguments as they came. */
export interface Core {
  getToken(args: unknown[]): Promise<unknown>;
  authenticate(args: unknown[]): Promise<unknown>;
  initiateDeviceFlow(args: unknown[]): Promise<unknown>;
  acquireTokenByDeviceFlow(args: unknown[]): Promise<unknown>;
  getAccounts(args: unknown[]): Promise<unknown>;
  removeAccount(args: unknown[]): Promise<unknown>;
  close(): void;
}

export type CoreClass = new (args: unknown[]) => Core;

/** A WebAssembly instance: its class, and once it has died, an error that says so. */
export interface Instance {
  DeviceCodeCredential: CoreClass;
  died: Error | undefined;
}

/** The glue of an instance: what its module imports, and what uses its exports. */
export type Glue = WebAssembly.ModuleImports & {
  DeviceCodeCredential: CoreClass;
  __wbg_set_wasm(exports: object): void;
  start(): void;
};

/** The module of stores. Not each knows each place. */
export interface Stores {
  openStore(persistence: Persistence, lent: Lent): Store;
}

/** The globals of one runtime or another. */
export interface Host {
  Deno?: {
    env: { get(name: string): string | undefined };
    permissions?: { querySync(what: { name: string }): { state: string } };
    build?: { os?: string };
  };
  process?: { env?: Record<string, string | undefined>; platform?: string };
  navigator?: { userAgent?: string };
}
