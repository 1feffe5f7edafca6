/** Which component a call is for (Dapr's pluggable components). */
export const COMPONENT_HEADER = 'x-component-instance';

/** More than code and message of an error: a google.rpc.Status. */
export const DETAILS_TRAILER = 'grpc-status-details-bin';
