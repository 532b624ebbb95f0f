"""Prints as JSON where SAM's own translation of template.yaml differs from the plain template that npm run package wrote."""

import json

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """The template names no managed policy by its short name."""

    def load(self):
        return {}


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml_parse(file.read())


source = read("template.yaml")
source["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key.zip"
translated = json.loads(json.dumps(transform(source, {}, NoManagedPolicies())))
plain = json.loads(json.dumps(read("release/template.yaml")))

differences = []
for section in ("Conditions", "Outputs", "Resources"):
    left, right = translated[section], plain[section]
    for name in sorted({*left, *right}):
        if section != "Resources":
            differences += [f"{section}.{name}"] if left.get(name) != right.get(name) else []
            continue
        one, other = left.get(name, {}), right.get(name, {})
        for member in sorted({*one, *other} - {"Properties"}):
            differences += [f"{name}.{member}"] if one.get(member) != other.get(member) else []
        ours, theirs = one.get("Properties", {}), other.get("Properties", {})
        for member in sorted({*ours, *theirs}):
            differences += [f"{name}.Properties.{member}"] if ours.get(member) != theirs.get(member) else []

print(json.dumps({"resources": len(plain["Resources"]), "differences": differences}))
