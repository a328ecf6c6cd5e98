// Prints a C file with the passwords that everybody tries (src/web/denied.h), from the list that the npm package
// @zxcvbn-ts/language-common brings: leaked passwords in lower case, the most frequent first (MIT; package-lock.json
// says which version).
import { readFileSync } from "node:fs";

const LONG = 10_000; // of the length that a password must have; ASVS 6.2.4 asks for 3,000
const SHORT = 3_000; // of all: a short one with a year behind it is tried as early
const MIN = 8; // PASSWORD_MIN

const list = JSON.parse(readFileSync(new URL("../../node_modules/@zxcvbn-ts/language-common/src/passwords.json", import.meta.url)));
// Digits and signs alone are refused anyway, and so is what is not ASCII nowhere in it.
const words = list.map((word) => word.toLowerCase()).filter((word) => /^[\x21-\x7e]*[a-z][\x21-\x7e]*$/.test(word));
const long = words.filter((word) => word.length >= MIN).slice(0, LONG);
const short = words.slice(0, SHORT).filter((word) => word.length >= 4);
const chosen = [...new Set([...long, ...short])].sort((a, b) => (a < b ? -1 : 1));
if (long.length < 3_000) throw new Error(`only ${long.length} passwords`);

console.log('#include "web/denied.h"\n');
console.log("/* Of @zxcvbn-ts/language-common (MIT): Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., (c) 2021 @zxcvbn-ts. */");
console.log("const char denied_passwords[] =");
for (const word of chosen) console.log(`"${word.replace(/[\\"]/g, "\\$&").replaceAll("?", "\\?")}\\n"`);
console.log(";\nconst size_t denied_passwords_len = sizeof denied_passwords - 1;");
