// Asks Linux's Secret Service in what state its default keyring is, in D-Bus's own words.
//
// The keyring's module can't be asked that. On a keyring that is locked it waits for somebody to answer a prompt, in a thread
// that nothing can end; and Node does not end before its threads do.
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { environment, isGranted } from "../platform.js";

/** How long to wait for an answer, in milliseconds. */
const PATIENCE = 2000;

const HELLO = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  method: ["org.freedesktop.DBus", "Hello"],
};
const READ_ALIAS = {
  destination: "org.freedesktop.secrets",
  path: "/org/freedesktop/secrets",
  method: ["org.freedesktop.Secret.Service", "ReadAlias"],
  body: ["default"],
};
const GET_LOCKED = {
  destination: "org.freedesktop.secrets",
  method: ["org.freedesktop.DBus.Properties", "Get"],
  body: ["org.freedesktop.Secret.Collection", "Locked"],
};

/** `"locked"`, `"unlocked"` or `"missing"`; nothing if it can't be asked, or does not say. */
export async function stateOfDefaultKeyring() {
  const address = socketPath();
  if (!address || !["read", "write", "net"].every((right) => isGranted(right))) return undefined;
  const socket = connect(address).setTimeout(PATIENCE, () => socket.destroy());
  // Told by the replies as well.
  socket.on("error", () => {});
  try {
    const replies = repliesFrom(socket);
    socket.write("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n");
    const ask = async (question) => {
      socket.write(methodCall(question));
      return (await replies.next()).value;
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

const LITTLE_ENDIAN = "l".charCodeAt(0);
const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;

/** The bodies of the replies, in their order; one that is an error ends them. */
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

function methodCall({ destination, path, method: [face, member], body = [] }) {
  const content = joined(body.map(string), 4);
  const fields = [
    field(1, "o", string(path)),
    field(2, "s", string(face)),
    field(3, "s", string(member)),
    field(6, "s", string(destination)),
    field(8, "g", signature("s".repeat(body.length))),
  ];
  const header = joined(fields, 8);
  const start = Buffer.from([LITTLE_ENDIAN, METHOD_CALL, 0, 1]);
  // Every call has the same serial number: they are answered one after the other.
  const lengths = [content.length, 1, header.length].map(number);
  return joined([Buffer.concat([start, ...lengths, header]), content], 8);
}

function field(code, type, value) {
  return Buffer.concat([Buffer.from([code]), signature(type), value]);
}

function signature(types) {
  return Buffer.from([types.length, ...Buffer.from(types), 0]);
}

function string(text) {
  return Buffer.concat([number(text.length), Buffer.from(`${text}\0`)]);
}

function number(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Parts one after the other, each where its kind may begin. */
function joined(parts, alignment) {
  let all = Buffer.alloc(0);
  for (const part of parts) {
    all = Buffer.concat([all, Buffer.alloc(aligned(all.length, alignment) - all.length), part]);
  }
  return all;
}

function aligned(length, alignment) {
  return Math.ceil(length / alignment) * alignment;
}
