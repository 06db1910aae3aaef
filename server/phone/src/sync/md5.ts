// MD5 of bytes, for one purpose: the form list names files by it, and a half-loaded file must not be used.
// (WebCrypto leaves MD5 out on purpose; nothing here is a matter of security.)

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

export function md5(bytes: Uint8Array): string {
  const words = padded(bytes);
  let state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let block = 0; block < words.length; block += 16) state = mix(state, words.subarray(block, block + 16));
  return state.map(littleEndianHex).join('');
}

function padded(bytes: Uint8Array): Int32Array {
  const length = (((bytes.length + 8) >> 6) + 1) * 64;
  const whole = new Uint8Array(length);
  whole.set(bytes);
  whole[bytes.length] = 0x80;
  const view = new DataView(whole.buffer);
  view.setUint32(length - 8, bytes.length * 8, true);
  view.setUint32(length - 4, Math.floor(bytes.length / 2 ** 29), true);
  return Int32Array.from({ length: length / 4 }, (_, i) => view.getInt32(i * 4, true));
}

function mix(state: readonly number[], block: Int32Array): number[] {
  let [a, b, c, d] = state as [number, number, number, number];
  for (let i = 0; i < 64; i += 1) {
    const [f, g] = step(i, b, c, d);
    const shift = SHIFTS[(i >> 4) * 4 + (i & 3)] as number;
    const sum = (a + f + (SINES[i] as number) + (block[g] as number)) | 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  return [a, b, c, d].map((value, i) => (value + (state[i] as number)) | 0);
}

function step(i: number, b: number, c: number, d: number): [number, number] {
  if (i < 16) return [(b & c) | (~b & d), i];
  if (i < 32) return [(d & b) | (~d & c), (5 * i + 1) % 16];
  if (i < 48) return [b ^ c ^ d, (3 * i + 5) % 16];
  return [c ^ (b | ~d), (7 * i) % 16];
}

function littleEndianHex(word: number): string {
  return [0, 8, 16, 24].map((shift) => ((word >>> shift) & 255).toString(16).padStart(2, '0')).join('');
}
