// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import dev.culvert.policy.authz.PolicyKey;

/**
 * What is to be asked about a request before anything else decides.
 *
 * @param policy of action CUSTOM
 * @param provider the name of who decides
 */
public record Question(PolicyKey policy, String provider) {}
