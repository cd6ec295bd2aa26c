// Texts of the store in addresses. Bytes that are no UTF-8 come from the server as lone surrogates, the byte ff as \udcff (docs/api.md); in an
// address they are those bytes again, so that every row can be named.

const kPieces = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]|[^\ud800-\udfff]+/g;
const kUnknown = '%EF%BF%BD';

export function percentEncoded(text: string): string {
  return (text.match(kPieces) ?? []).map((piece) => {
    const code = piece.charCodeAt(0);
    if (piece.length > 1 || code < 0xd800 || code > 0xdfff) return encodeURIComponent(piece);
    return code >= 0xdc80 && code <= 0xdcff ? `%${(code - 0xdc00).toString(16).toUpperCase()}` : kUnknown;
  }).join('');
}

// As URLSearchParams writes the names and values of a query string.
export function fieldEncoded(text: string): string {
  return percentEncoded(text).replace(/%20|[!'()~]/g, (found) => (found === '%20' ? '+' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`));
}

// A run of percent-encoded bytes: UTF-8 as text, each other byte as its lone surrogate.
function textOfBytes(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    let length = 0;
    for (let most = Math.min(4, bytes.length - at); most > 0 && length === 0; --most) {
      try {
        const piece = decoder.decode(bytes.subarray(at, at + most));
        text += piece;
        length = most;
      } catch {
        // a shorter piece may be one
      }
    }
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      length = 1;
    }
    at += length;
  }
  return text;
}

// Of a name or value of a query string. What is no percent-encoding stays as it stands.
export function fieldDecoded(text: string): string {
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => textOfBytes(Uint8Array.from(run.slice(1).split('%'), (hex) => parseInt(hex, 16))));
}
