// REST: one function for a request, and what an error of the server looks like here.
import type { PipelineProblem } from './types';

/** A refusal of the server, or a server that did not answer (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Of a pipeline file that was refused. */
    readonly problems: readonly PipelineProblem[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

type SignedOutListener = () => void;
const signedOutListeners = new Set<SignedOutListener>();

/** Calls `listener` whenever the server says that there is no session (any more). */
export function onSignedOut(listener: SignedOutListener): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/** What the body of a refusal says. */
export function errorFrom(status: number, statusText: string, text: string): ApiError {
  try {
    const body = JSON.parse(text) as { error?: unknown; message?: unknown; problems?: unknown };
    if (typeof body.message === 'string') {
      return new ApiError(
        status,
        typeof body.error === 'string' ? body.error : 'error',
        body.message,
        Array.isArray(body.problems) ? (body.problems as PipelineProblem[]) : [],
      );
    }
  } catch {
    // Not JSON: a proxy's page, or nothing at all. The status says enough.
  }
  return new ApiError(status, 'http', `The server answered ${status} ${statusText}.`);
}

async function answerTo(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...options, credentials: 'same-origin' });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(
      0,
      'unreachable',
      'The server does not answer. Check that it runs and that the network is up.',
    );
  }
  if (response.ok) return response;
  const error = errorFrom(response.status, response.statusText, await response.text().catch(() => ''));
  const signIn = path === '/api/session' && options.method === 'POST';
  if (response.status === 401 && !signIn) signedOutListeners.forEach((listener) => listener());
  throw error;
}

/** Sends a JSON request; throws ApiError. A 204 gives undefined. */
export async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const options: RequestInit = { method, headers: { accept: 'application/json' } };
  if (signal) options.signal = signal;
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { accept: 'application/json', 'content-type': 'application/json' };
  }
  const response = await answerTo(path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const get = <T>(path: string, signal?: AbortSignal) => request<T>('GET', path, undefined, signal);

/** What is no JSON: playlists. Throws ApiError. */
export async function getText(path: string, signal: AbortSignal): Promise<string> {
  return (await answerTo(path, { signal })).text();
}

/** A file to be saved. Throws ApiError. */
export async function getBlob(path: string): Promise<Blob> {
  return (await answerTo(path, {})).blob();
}

/** Bytes [start, end) of a file; throws ApiError, also when there are fewer. */
export async function getBytes(
  path: string,
  start: number,
  end: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await answerTo(path, { signal, headers: { range: `bytes=${start}-${end - 1}` } });
  const whole = new Uint8Array(await response.arrayBuffer());
  const bytes = response.status === 206 ? whole : whole.slice(start, end);
  if (bytes.length === end - start) return bytes;
  throw new ApiError(response.status, 'cut_short', `${bytes.length} of ${end - start} bytes are there.`);
}
