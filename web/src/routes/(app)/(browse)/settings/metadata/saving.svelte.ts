/** Changes of the providers' settings, each kept as soon as it is made. */
import { createMutation, useQueryClient } from '@tanstack/svelte-query';
import { keys } from '$lib/api/keys';
import { updateMetadata } from '$lib/api/queries/metadata';
import type { MetadataPatch } from '$lib/api/types';
import { getI18n } from '$lib/i18n/i18n.svelte';
import { getToasts } from '$lib/state/toasts.svelte';

/** To be called while a component starts. */
export function useMetadataSaving(onsaved?: () => void) {
  const client = useQueryClient();
  const i18n = getI18n();
  const toasts = getToasts();
  return createMutation(() => ({
    mutationFn: (patch: MetadataPatch) => updateMetadata(patch),
    onSuccess: (settings) => {
      client.setQueryData(keys.metadata, settings);
      toasts.good(i18n.t.form.saved);
      onsaved?.();
    },
  }));
}
