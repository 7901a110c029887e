/**
 * A folder of YAML as the source. Enters: files as they change. Leaves: the resources in force,
 * file by file. One thread per folder.
 */
package dev.culvert.controlplane.source.directory;
