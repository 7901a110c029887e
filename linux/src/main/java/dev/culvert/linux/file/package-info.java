// SPDX-License-Identifier: Apache-2.0
/** Folders that are watched, files that change places, mounts and control groups. */
package dev.culvert.linux.file;
