// SPDX-License-Identifier: Apache-2.0
/** How the kernel says no. */
package dev.culvert.linux.errno;
