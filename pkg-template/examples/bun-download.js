// Downloads a file from your OneDrive: bun bun-download.js Documents/report.docx
import { basename } from "node:path";
import { DeviceCodeCredential } from "entra-device-code";

const [path] = Bun.argv.slice(2);
if (!path) {
  console.error("Usage: bun bun-download.js <path in your OneDrive>");
  process.exit(2);
}

const credential = new DeviceCodeCredential({ clientId: Bun.env.AZURE_CLIENT_ID });
const { token } = await credential.getToken("https://graph.microsoft.com/Files.Read");
const response = await fetch(
  `https://graph.microsoft.com/v1.0/me/drive/root:/${path.split("/").map(encodeURIComponent).join("/")}:/content`,
  { headers: { authorization: `Bearer ${token}` } },
);
if (!response.ok) throw new Error(`Microsoft Graph answered ${response.status}`);
const size = await Bun.write(basename(path), response);
console.log(`${basename(path)}: ${size} bytes`);
