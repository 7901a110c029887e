// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

/**
 * How the plugin stands in a runtime's configuration.
 *
 * @param folder that is kept
 * @param isIn whether the list that the runtime takes had the plugin when it was looked at last
 * @param edits in this fight with another writer, or 0
 * @param note what is wrong, and the remedy; empty when nothing is
 */
public record ConflistState(String folder, boolean isIn, int edits, String note) {}
