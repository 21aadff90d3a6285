// Sends a file as it is on the disk, and tells how much of it has gone: fetch() cannot do that.
import { errorFrom, ApiError } from '../api/client';

export function upload<T>(
  path: string,
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open('POST', path);
    sending.setRequestHeader('accept', 'application/json');
    sending.setRequestHeader('content-type', 'application/octet-stream');
    sending.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    sending.onload = () => {
      if (sending.status >= 200 && sending.status < 300) resolve(JSON.parse(sending.responseText) as T);
      else reject(errorFrom(sending.status, sending.statusText, sending.responseText));
    };
    sending.onerror = () =>
      reject(
        new ApiError(
          0,
          'unreachable',
          'The server ended the upload. Check that it runs and takes files of this size.',
        ),
      );
    sending.onabort = () => reject(new DOMException('The upload was cancelled.', 'AbortError'));
    if (signal.aborted) return sending.abort();
    signal.addEventListener('abort', () => sending.abort(), { once: true });
    sending.send(file);
  });
}
