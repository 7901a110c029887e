// SPDX-License-Identifier: Apache-2.0
/** The process' own memory: what the C library keeps, and pages that are given back. */
package dev.culvert.linux.memory;
