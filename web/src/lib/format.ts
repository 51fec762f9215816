/** Numbers as people read them. Pure; words come from `i18n`. */

/** `1:02:03`, `2:03`, `0:07`. */
export function clockTime(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const seconds = String(total % 60).padStart(2, '0');
  return hours
    ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${minutes}:${seconds}`;
}

/** `2 h 5 min`, `47 min`, `30 s`. The unit signs are the same in every language we speak. */
export function runtime(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.max(1, Math.round(ms / 1000))} s`;
  const hours = Math.floor(minutes / 60);
  if (!hours) return `${minutes} min`;
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.4 GB`, in powers of ten as disks are sold. */
export function byteSize(bytes: number): string {
  const step = Math.min(SIZES.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${value.toFixed(step && value < 100 ? 1 : 0)} ${SIZES[step]}`;
}

/** `5.2 Mbit/s`. */
export function bitRate(bps: number): string {
  return bps >= 1_000_000
    ? `${(bps / 1_000_000).toFixed(1)} Mbit/s`
    : `${Math.round(bps / 1000)} kbit/s`;
}

/** `3 d 4 h`, `4 h 12 min`. */
export function uptime(seconds: number): string {
  if (seconds < 86_400) return runtime(seconds * 1000);
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** How much of something is watched, 0 to 1. */
export function watchedShare(positionMs: number, durationMs: number | null | undefined): number {
  if (!durationMs || durationMs <= 0) return 0;
  return Math.min(1, Math.max(0, positionMs / durationMs));
}
