// SPDX-License-Identifier: Apache-2.0
/**
 * What an API server is told of an object before it is stored. Enters: AdmissionReviews over HTTPS.
 * Leaves: what the status of the object would say, as a refusal or as warnings. Each on a thread of
 * its own.
 */
package dev.culvert.controlplane.admission;
