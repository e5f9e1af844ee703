// CRC-32 as zlib has it (ISO 3309), eight bytes at a time ("slicing by 8", Kounavis and Berry 2005).

const TABLE = makeTable();

function makeTable() {
  const table = new Int32Array(8 * 256); // one after the other: quicker than eight
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    table[byte] = value;
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256];
    table[at] = (before >>> 8) ^ table[before & 255];
  }
  return table;
}

/** The CRC-32 of a Uint8Array, or of what came before it and it, as a number from 0 to 2^32 - 1. */
export function crc32(bytes, before = 0) {
  const start = -bytes.byteOffset & 3; // where whole words begin
  const pairs = Math.max(bytes.length - start, 0) >>> 3;
  if (!pairs) return ~byBytes(bytes, 0, bytes.length, ~before) >>> 0;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, pairs * 2);
  const crc = byBytes(bytes, 0, start, ~before);
  return ~byBytes(bytes, start + pairs * 8, bytes.length, byWords(words, crc)) >>> 0;
}

function byBytes(bytes, from, to, crc) {
  for (let at = from; at < to; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]) & 255];
  return crc;
}

/** Words are read as the computer has them: the smallest byte first, on all that browsers run on. */
function byWords(words, crc) {
  const t = TABLE;
  for (let at = 0; at < words.length; at += 2) {
    const low = words[at] ^ crc;
    const high = words[at + 1];
    crc =
      t[0x700 | (low & 255)] ^ t[0x600 | ((low >>> 8) & 255)] ^
      t[0x500 | ((low >>> 16) & 255)] ^ t[0x400 | (low >>> 24)] ^
      t[0x300 | (high & 255)] ^ t[0x200 | ((high >>> 8) & 255)] ^
      t[0x100 | ((high >>> 16) & 255)] ^ t[high >>> 24];
  }
  return crc;
}

/** The Base64 of a CRC-32's four bytes, the greatest first. */
export function toBase64(crc) {
  return btoa(String.fromCharCode(crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255));
}
