"""Starts moto with the two calls of Route 53 Resolver that it lacks: taking a VPC out of query logging, and deleting it."""

import json
import sys

from moto.route53resolver.exceptions import InvalidParameterException, InvalidRequestException
from moto.route53resolver.responses import Route53ResolverResponse
from moto.server import main


def disassociate(self):
    backend, config_id = self.route53resolver_backend, self._get_param("ResolverQueryLogConfigId")
    resource_id = self._get_param("ResourceId")
    associations = backend.resolver_query_log_config_associations
    for key, one in associations.items():
        if (one.resolver_query_log_config_id, one.resource_id) == (config_id, resource_id):
            del associations[key]
            backend.get_resolver_query_log_config(config_id).association_count -= 1
            return json.dumps({"ResolverQueryLogConfigAssociation": one.description() | {"Status": "DELETING"}})
    raise InvalidParameterException(f"{resource_id} is not associated with {config_id}")


def delete(self):
    backend, config_id = self.route53resolver_backend, self._get_param("ResolverQueryLogConfigId")
    config = backend.get_resolver_query_log_config(config_id)
    if config.association_count > 0:
        raise InvalidRequestException(f"{config_id} is still associated with a VPC")
    del backend.resolver_query_log_configs[config_id]
    return json.dumps({"ResolverQueryLogConfig": config.description() | {"Status": "DELETING"}})


Route53ResolverResponse.disassociate_resolver_query_log_config = disassociate
Route53ResolverResponse.delete_resolver_query_log_config = delete

main(sys.argv[1:])
