// SPDX-License-Identifier: Apache-2.0
/** Staged folders in, an OCI archive out: the image of all of Culvert's processes. */
package dev.culvert.daemonset.image;
