// SPDX-License-Identifier: Apache-2.0
/** Everything that can be set on a ztunnel, in its own words and in those of Istio's. */
package dev.culvert.ztunnel.config;
