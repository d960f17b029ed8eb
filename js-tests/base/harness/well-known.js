/** Hosts whose endpoints are built in. */
export const WELL_KNOWN = [
  "login.microsoftonline.com",
  "login.microsoft.com",
  "login.windows.net",
  "sts.windows.net",
  "login.chinacloudapi.cn",
  "login.partner.microsoftonline.cn",
  "login.microsoftonline.de",
  "login-us.microsoftonline.com",
  "login.microsoftonline.us",
  "login.usgovcloudapi.net",
  "login.sovcloud-identity.fr",
  "login.sovcloud-identity.de",
  "login.sovcloud-identity.sg",
];
