const CHUNK_BYTES = 1_048_576;

/**
 * The bytes of a stream in chunks of a megabyte, the last one shorter. Stores hand their bytes out in chunks of 4 kB unless they are
 * asked for more, and a chunk costs as much whatever its size. A chunk is to be used before the next one is asked for.
 */
export async function* largeChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader({ mode: "byob" });
  let memory = new Uint8Array(CHUNK_BYTES);
  let isDone = false;
  try {
    while (!isDone) {
      const { value, done } = await reader.readAtLeast(CHUNK_BYTES, memory);
      isDone = done || (value?.length ?? 0) < CHUNK_BYTES;
      if (value && value.length > 0) yield value;
      // The memory has gone through the stream and come back as another view of it.
      if (value) memory = new Uint8Array(value.buffer);
    }
  } finally {
    if (!isDone) await reader.cancel();
  }
}
