// SPDX-License-Identifier: Apache-2.0
/** What is done to a node before its agent starts and after its last one has ended. */
package dev.culvert.cli.node;
