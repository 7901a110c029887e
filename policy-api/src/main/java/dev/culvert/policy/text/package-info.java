/**
 * Words for error messages. Enters: what somebody wrote and what could have been meant. Leaves: the
 * remedy. Pure, any thread.
 */
package dev.culvert.policy.text;
