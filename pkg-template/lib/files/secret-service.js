// Asks Linux's Secret Service in what state its default keyring is, in D-Bus's own words.
//
// The keyring's module can't be asked that. On a keyring that is locked it waits for somebody to answer a prompt, in a thread
// that nothing can end; and Node does not end before its threads do.
//
// Why no D-Bus client from npm: dbus-next is no longer kept, and those that are (dbus-native, @homebridge/dbus-native,
// @jellybrick/dbus-next) also parse XML and serve objects. Gzipped that is 40 KB and more; what three questions need is 1.5.
import { Buffer } from "node:buffer";
import { environment, isGranted } from "../platform.js";

/**
 * @typedef {object} Call
 * @property {string} destination
 * @property {string} path
 * @property {[face: string, member: string]} method
 * @property {string[]} [body]
 */

/** How long to wait for an answer, in milliseconds. */
const PATIENCE = 2000;

/** @type {Call} */
const HELLO = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  method: ["org.freedesktop.DBus", "Hello"],
};
/** @type {Call} */
const READ_ALIAS = {
  destination: "org.freedesktop.secrets",
  path: "/org/freedesktop/secrets",
  method: ["org.freedesktop.Secret.Service", "ReadAlias"],
  body: ["default"],
};
/** @type {Omit<Call, "path">} */
const GET_LOCKED = {
  destination: "org.freedesktop.secrets",
  method: ["org.freedesktop.DBus.Properties", "Get"],
  body: ["org.freedesktop.Secret.Collection", "Locked"],
};

/** `"locked"`, `"unlocked"` or `"missing"`; nothing if it can't be asked, or does not say. */
export async function stateOfDefaultKeyring() {
  const address = socketPath();
  if (!address || !["read", "write", "net"].every((right) => isGranted(right))) return undefined;
  // Only now: a bundle has this from its start.
  const { connect } = await import("node:net");
  const socket = connect(address).setTimeout(PATIENCE, () => socket.destroy());
  // Told by the replies as well.
  socket.on("error", () => {});
  try {
    const replies = repliesFrom(socket);
    socket.write("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n");
    const ask = async (/** @type {Call} */ question) => {
      socket.write(methodCall(question), "latin1");
      const { value } = await replies.next();
      if (!value) throw new Error("no reply");
      return value;
    };
    await ask(HELLO);
    const alias = await ask(READ_ALIAS);
    const path = alias.toString("utf8", 4, 4 + alias.readUInt32LE());
    if (path === "/") return "missing";
    const locked = await ask({ ...GET_LOCKED, path });
    return locked.readUInt32LE(4) === 1 ? "locked" : "unlocked";
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

/** Where the session bus is: what libdbus makes of the addresses that there are in practice. */
function socketPath() {
  const address = environment("DBUS_SESSION_BUS_ADDRESS");
  const folder = environment("XDG_RUNTIME_DIR");
  if (!address) return folder && `${folder}/bus`;
  const [, kind, path] = /^unix:(path|abstract)=([^,;]+)/.exec(address) ?? [];
  return path && (kind === "path" ? "" : "\0") + decodeURIComponent(path);
}

// The wire format: https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol

const METHOD_RETURN = 2;
const ERROR = 3;
/** Little-endian, a method call without flags, the protocol's version. */
const START = "l\u0001\0\u0001";

/**
 * The bodies of the replies, in their order; one that is an error ends them.
 *
 * @param {import("node:net").Socket} socket
 */
async function* repliesFrom(socket) {
  let received = Buffer.alloc(0);
  let greeted = false;
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    if (!greeted) {
      const greeting = /^(?:DATA\r\n)?OK \w+\r\n/.exec(received.toString("latin1"));
      if (!greeting) continue;
      received = received.subarray(greeting[0].length);
      greeted = true;
    }
    while (received.length >= 16) {
      const body = 16 + aligned(received.readUInt32LE(12), 8);
      const end = body + received.readUInt32LE(4);
      if (received.length < end) break;
      const type = received[1];
      if (type === ERROR) return;
      if (type === METHOD_RETURN) yield received.subarray(body, end);
      received = received.subarray(end);
    }
  }
}

/**
 * A message whose characters are its bytes: names and paths are ASCII.
 *
 * @param {Call} call
 */
function methodCall({ destination, path, method: [face, member], body = [] }) {
  const content = joined(body.map(string), 4);
  // Each with its code and its type.
  const fields = [
    `\u0001${signature("o")}${string(path)}`,
    `\u0002${signature("s")}${string(face)}`,
    `\u0003${signature("s")}${string(member)}`,
    `\u0006${signature("s")}${string(destination)}`,
    `\u0008${signature("g")}${signature("s".repeat(body.length))}`,
  ];
  const header = joined(fields, 8);
  // Every call has the same serial number: they are answered one after the other.
  const lengths = [content.length, 1, header.length].map(number);
  return joined([START + lengths.join("") + header, content], 8);
}

/** @param {string} types */
function signature(types) {
  return `${String.fromCharCode(types.length)}${types}\0`;
}

/** @param {string} text */
function string(text) {
  return `${number(text.length)}${text}\0`;
}

/** @param {number} value less than 2 to the 16th */
function number(value) {
  return String.fromCharCode(value & 0xff, value >> 8, 0, 0);
}

/**
 * Parts one after the other, each where its kind may begin.
 *
 * @param {string[]} parts
 * @param {number} alignment
 */
function joined(parts, alignment) {
  return parts.reduce((all, part) => all.padEnd(aligned(all.length, alignment), "\0") + part, "");
}

/**
 * @param {number} length
 * @param {number} alignment
 */
function aligned(length, alignment) {
  return Math.ceil(length / alignment) * alignment;
}
