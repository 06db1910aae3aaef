// What jsdom lacks of a browser: a database, and reading the bytes of a file.
import 'fake-indexeddb/auto';

Blob.prototype.arrayBuffer ??= function arrayBuffer(this: Blob): Promise<ArrayBuffer> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done((reader.result as ArrayBuffer).slice(0));
    reader.onerror = () => failed(reader.error);
    reader.readAsArrayBuffer(this);
  });
};

Blob.prototype.text ??= async function text(this: Blob): Promise<string> {
  return new TextDecoder().decode(await this.arrayBuffer());
};
