// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.config;

/** The way between two pods of one node. */
public enum SameNode {
  /** Always through this process. */
  PROXY,
  /** The first connection of a pair through this process, those after it through none. */
  KERNEL
}
